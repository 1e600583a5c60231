// What TFMA's web components call of Google Charts, which may be had from Google's servers only: tables, columns and
// lines, drawn as HTML and SVG. Has to run before vulcanized_tfma.js. Written against TFMA 0.47.
(() => {
'use strict';

window.polymerSkipLoadingFontRoboto = true;  // TFMA asks for a web font otherwise

const COLOURS = ['#3366cc', '#dc3912', '#ff9900', '#109618', '#990099', '#0099c6'];

// ---------------------------------------------------------------------------------------------------------------- data

const asCell = value => (value !== null && typeof value === 'object' && 'v' in value ? value : {v: value});
const asColumn = head => (head !== null && typeof head === 'object' ? head : {label: String(head)});

function asText(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? String(Number(value.toPrecision(5))) : String(value);
}

function compare(left, right) {
  if (left === right) return 0;
  if (left === null || left === undefined) return -1;
  if (right === null || right === undefined) return 1;
  return left < right ? -1 : 1;
}

class DataTable {
  constructor({cols = [], rows = []} = {}) {
    this.columns = cols.map(asColumn);
    this.cells = rows.map(row => (row.c || row).map(asCell));
  }
  addRows(rows) { rows.forEach(row => this.cells.push(row.map(asCell))); }
  getNumberOfRows() { return this.cells.length; }
  getNumberOfColumns() { return this.columns.length; }
  getColumnLabel(column) { return this.columns[column].label || ''; }
  getColumnRole(column) { return this.columns[column].role || ''; }
  getValue(row, column) { return this.cells[row][column].v; }
  getFormattedValue(row, column) {
    const {v, f} = this.cells[row][column];
    return f === null || f === undefined ? asText(v) : String(f);
  }
  sort(keys) {
    const order = [].concat(keys).map(key => (typeof key === 'number' ? {column: key} : key));
    this.cells.sort((left, right) => order.reduce((result, {column, desc}) =>
      result || compare(left[column].v, right[column].v) * (desc ? -1 : 1), 0));
  }
}

// Some columns of a table; `calc: 'stringify'` turns one into text.
class DataView extends DataTable {
  constructor(table) {
    super();
    this.table = table;
    this.setColumns(table.columns.map((_, index) => index));
  }
  setColumns(wanted) {
    const {columns, cells} = this.table;
    this.columns = wanted.map(one => (typeof one === 'number' ? columns[one] : one));
    this.cells = cells.map(row =>
      wanted.map(one => (typeof one === 'number' ? row[one] : {v: asText(row[one.sourceColumn].v)})));
  }
}

function arrayToDataTable([head, ...rows]) {
  return new DataTable({cols: head, rows});
}

const events = {
  addListener(source, name, listener) {
    const all = source.listeners || (source.listeners = {});
    (all[name] || (all[name] = [])).push(listener);
    return {source, name, listener};
  },
  addOneTimeListener(source, name, listener) {
    const key = events.addListener(source, name, event => {
      events.removeListener(key);
      listener(event);
    });
    return key;
  },
  removeListener({source, name, listener}) {
    source.listeners[name] = source.listeners[name].filter(one => one !== listener);
  },
  trigger(source, name, event = {}) {
    ((source.listeners || {})[name] || []).slice().forEach(listener => listener(event));
  },
};

// -------------------------------------------------------------------------------------------------------------- charts

function html(parent, name, className = '', text = '') {
  const element = parent.appendChild(document.createElement(name));
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

function svg(parent, name, attributes = {}, text = '') {
  const element = parent.appendChild(document.createElementNS('http://www.w3.org/2000/svg', name));
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (text) element.textContent = text;
  return element;
}

// What all charts have: a place, a selection, and the event `ready` after drawing. A part of a chart that stands for a
// row has the row's number in `data-row`.
class Chart {
  constructor(container) {
    this.container = container;
    this.selection = [];
  }
  getSelection() { return this.selection; }
  setSelection(selection) {
    this.selection = selection || [];
    this.mark();
  }
  toggle(row, column) {
    const selected = this.selection.length > 0 && this.selection[0].row === row;
    this.setSelection(selected ? [] : [{row, column}]);
    events.trigger(this, 'select');
  }
  mark() {
    const rows = new Set(this.selection.map(({row}) => String(row)));
    this.container.querySelectorAll('[data-row]').forEach(part => this.highlight(part, rows.has(part.dataset.row)));
  }
  draw(data, options) {
    this.data = data;
    this.options = options || {};
    this.container.textContent = '';
    if (data.getNumberOfColumns()) this.paint();
    this.mark();
    setTimeout(() => events.trigger(this, 'ready'));
  }
}

const TABLE_STYLE = `
  .google-visualization-table { overflow-x: auto; }
  .google-visualization-table-table { border-collapse: collapse; width: 100%; background: #fff; }
  th { cursor: pointer; }
  th, td { white-space: nowrap; }
  tr.google-visualization-table-tr-sel td { background: #d6e9f8; }`;

// A cell that TFMA formats as HTML is one empty element of TFMA's own; anything else, such as a slice's name, is text.
function fill(cell, text, allowHtml) {
  const parsed = allowHtml && text.startsWith('<tfma-')
    ? new DOMParser().parseFromString(text, 'text/html').body.childNodes : [];
  const [found] = parsed;
  if (parsed.length !== 1 || !/^tfma-[a-z0-9-]+$/.test(found.localName) || found.childNodes.length) {
    cell.textContent = text;
    return;
  }
  const element = document.createElement(found.localName);
  for (const {name, value} of found.attributes) if (!name.startsWith('on')) element.setAttribute(name, value);
  cell.appendChild(element);
}

class Table extends Chart {
  highlight(row, on) { row.classList.toggle('google-visualization-table-tr-sel', on); }
  paint() {
    const {data, options} = this, rows = data.getNumberOfRows();
    const size = options.page === 'enable' ? options.pageSize || 10 : rows || 1;
    if (!this.order || this.order.length !== rows) {
      this.order = Array.from({length: rows}, (_, row) => row);
      this.page = 0;
    }
    html(this.container, 'style', '', TABLE_STYLE);
    const frame = html(this.container, 'div', 'google-visualization-table');
    const table = html(frame, 'table', 'google-visualization-table-table');
    const head = html(html(table, 'thead'), 'tr', 'google-visualization-table-tr-head'), body = html(table, 'tbody');
    data.columns.forEach((_, column) => {
      const arrow = this.sortedBy !== column ? '' : this.descending ? ' ▼' : ' ▲';
      const cell = html(head, 'th', 'google-visualization-table-th', data.getColumnLabel(column) + arrow);
      cell.onclick = () => this.sortBy(column);
    });
    this.order.slice(this.page * size, (this.page + 1) * size).forEach(row => {
      const line = html(body, 'tr');
      line.dataset.row = row;
      line.onclick = () => this.toggle(row, null);
      data.columns.forEach((_, column) =>
        fill(html(line, 'td', 'google-visualization-table-td'), data.getFormattedValue(row, column), options.allowHtml));
    });
    if (rows > size) this.paintPages(Math.ceil(rows / size));
  }
  paintPages(pages) {
    const bar = html(this.container, 'div', 'google-visualization-table-div-page');
    for (let page = 0; page < pages; page++) {
      const button = html(bar, 'button', '', String(page + 1));
      button.disabled = page === this.page;
      button.onclick = () => {
        this.page = page;
        this.draw(this.data, this.options);
        events.trigger(this, 'page', {page});
      };
    }
  }
  sortBy(column) {
    this.descending = this.sortedBy === column && !this.descending;
    this.sortedBy = column;
    this.page = 0;
    const {data} = this, sign = this.descending ? -1 : 1;
    this.order.sort((left, right) => sign * compare(data.getValue(left, column), data.getValue(right, column)));
    this.draw(data, this.options);
    events.trigger(this, 'sort', {column, ascending: !this.descending, sortedIndexes: this.order.slice()});
  }
}

// Round numbers from at or below `low` to at or above `high`.
function ticks(low, high, wanted) {
  if (!(high > low)) {
    const margin = Math.abs(low) * 0.05 || 0.5;
    [low, high] = [low - margin, high + margin];
  }
  const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find(factor => factor * power >= raw * 0.999) * power;
  const found = [];
  for (let tick = Math.floor(low / step + 1e-9) * step; found.length < 2 || tick < high + step * 0.999; tick += step) {
    found.push(Number(tick.toPrecision(10)));
  }
  return found;
}

function short(value) {
  if (Math.abs(value) >= 1e6) return `${value / 1e6}M`;
  return Math.abs(value) >= 1e4 ? `${value / 1e3}k` : String(Number(value.toPrecision(4)));
}

const LEFT = 58, RIGHT = 14, TOP = 26, BOTTOM = 34;

// Columns or lines over a common axis: the first column of the data is x, every column without a role a series.
class AxisChart extends Chart {
  highlight(part, on) {
    part.setAttribute('stroke', on ? '#000' : 'none');
    part.setAttribute('stroke-width', 2);
  }
  paint() {
    const {data, options} = this, rows = data.cells;
    this.series = this.readSeries();
    const width = options.width || this.container.getBoundingClientRect().width || 400;
    const height = options.height || this.container.clientHeight || 225;
    const canvas = svg(this.container, 'svg', {width, height, 'font-family': 'Arial, sans-serif', 'font-size': 11});
    const numeric = rows.length > 0 && rows.every(row => typeof row[0].v === 'number');
    const places = rows.map((row, index) => (numeric ? row[0].v : index));
    const margin = this.margin(places), low = Math.min(...places) - margin, high = Math.max(...places) + margin;
    this.x = place => LEFT + (rows.length ? (place - low) / (high - low) : 0) * (width - LEFT - RIGHT);
    this.places = places;
    // TFMA's histogram looks for the first <g clip-path>: its second child has the bars, the third <g> after it the
    // numbers on them.
    const plot = svg(canvas, 'g', {'clip-path': 'none'}), grid = svg(plot, 'g'), marks = svg(plot, 'g');
    svg(canvas, 'g');
    svg(canvas, 'g');
    const notes = svg(canvas, 'g');
    const axes = [0, 1].map(axis => this.valueAxis(axis, height));
    axes[0].ticks.forEach(tick => {
      const y = axes[0].y(tick);
      svg(grid, 'line', {x1: LEFT, x2: width - RIGHT, y1: y, y2: y, stroke: tick === 0 ? '#333' : '#ddd'});
      svg(canvas, 'text', {x: LEFT - 5, y: y + 4, 'text-anchor': 'end', fill: '#444'}, short(tick));
    });
    this.paintPlaces(canvas, numeric, low, high, width, height - BOTTOM + 14);
    this.series.forEach((series, index) => this.paintSeries(series, index, axes[series.axis], {canvas, marks, notes}));
    this.paintLegend(canvas);
  }
  readSeries() {
    const found = [];
    this.data.columns.forEach((column, index) => {
      if (index === 0) return;
      if (!column.role) found.push({column: index, name: column.label || '', notes: null, values: []});
      else if (column.role === 'annotation' && found.length) found[found.length - 1].notes = index;
    });
    found.forEach((series, index) => {
      series.axis = ((this.options.series || {})[index] || {}).targetAxisIndex || 0;
      series.values = this.data.cells.map(row => row[series.column].v)
        .map(value => (typeof value === 'number' && isFinite(value) ? value : null));
    });
    return found;
  }
  // y of a value on the left (0) or right (1) axis, and its ticks. Bars begin at 0, so that is always in view.
  valueAxis(axis, height) {
    const values = this.series.filter(series => series.axis === axis).flatMap(series => series.values)
      .filter(value => value !== null).concat(this.fromZero ? [0] : []);
    const found = values.length ? ticks(Math.min(...values), Math.max(...values), 5) : [0, 1];
    const bottom = found[0], top = found[found.length - 1];
    return {ticks: found, y: value => TOP + (top - value) / (top - bottom) * (height - TOP - BOTTOM)};
  }
  paintPlaces(canvas, numeric, low, high, width, y) {
    const label = (x, text) => svg(canvas, 'text', {x, y, 'text-anchor': 'middle', fill: '#444'}, text);
    const own = ((this.options.hAxis || {}).ticks || []).map(asCell);
    const fits = Math.max(1, Math.floor((width - LEFT - RIGHT) / 90));
    if (numeric) {
      const whole = this.places.every(Number.isInteger) ? [...new Set(this.places)] : ticks(low, high, 6);
      const wanted = own.length ? own : whole.map(v => ({v}));
      const every = Math.ceil(wanted.length / fits);
      wanted.filter((tick, index) => index % every === 0 && tick.v >= low - 1e-9 && tick.v <= high + 1e-9)
        .forEach(tick => label(this.x(tick.v), tick.f || short(tick.v)));
      return;
    }
    const every = Math.ceil(this.places.length / fits);
    const letters = Math.floor((width - LEFT - RIGHT) / Math.max(1, this.places.length / every) / 6.5);
    this.places.filter(row => row % every === 0).forEach(row => {
      const text = this.data.getFormattedValue(row, 0);
      label(this.x(row), text.length > letters ? `${text.slice(0, letters - 1)}…` : text);
    });
  }
  paintLegend(canvas) {
    if ((this.options.legend || {}).position === 'none') return;
    let x = LEFT;
    this.series.filter(series => series.name).forEach((series, index) => {
      svg(canvas, 'rect', {x, y: 7, width: 10, height: 10, fill: COLOURS[index % COLOURS.length]});
      svg(canvas, 'text', {x: x + 14, y: 16}, series.name);
      x += 30 + series.name.length * 6.2;
    });
  }
  // Makes a mark answer to the mouse.
  enliven(mark, series, row) {
    const name = this.data.getFormattedValue(row, 0), value = this.data.getFormattedValue(row, series.column);
    svg(mark, 'title', {}, `${name}\n${series.name}: ${value}`);
    mark.dataset.row = row;
    mark.addEventListener('click', () => this.toggle(row, series.column));
    ['mouseover', 'mouseout'].forEach(kind => mark.addEventListener(kind, () =>
      events.trigger(this, `on${kind}`, {row, column: series.column})));
  }
}

class ColumnChart extends AxisChart {
  get fromZero() { return true; }
  // Half the distance between neighbours.
  margin(places) {
    const sorted = places.slice().sort((left, right) => left - right);
    const steps = sorted.slice(1).map((place, index) => place - sorted[index]).filter(step => step > 0);
    return (steps.length ? Math.min(...steps) : 1) / 2;
  }
  paintSeries(series, index, axis, {marks, notes}) {
    const space = (this.x(this.places[0] + 2 * this.margin(this.places)) - this.x(this.places[0])) * 0.8;
    const width = space / this.series.length;
    series.values.forEach((value, row) => {
      const x = this.x(this.places[row]) - space / 2 + index * width;
      const top = axis.y(Math.max(0, value || 0)), bottom = axis.y(Math.min(0, value || 0));
      const size = {x, y: top, width: Math.max(1, width - 1), height: Math.max(0.5, bottom - top)};
      this.enliven(svg(marks, 'rect', {...size, fill: COLOURS[index % COLOURS.length]}), series, row);
      const note = series.notes !== null && value ? this.data.getFormattedValue(row, series.notes) : '';
      svg(notes, 'text', {x: x + width / 2, y: top + 12, 'text-anchor': 'middle', fill: '#fff'}, note);
    });
  }
}

class LineChart extends AxisChart {
  get fromZero() { return false; }
  margin(places) { return Math.max(...places) > Math.min(...places) ? 0 : 0.5; }
  paintSeries(series, index, axis, {canvas}) {
    const fill = COLOURS[index % COLOURS.length];
    let path = '', goesOn = false;
    series.values.forEach((value, row) => {
      if (value !== null) path += `${goesOn ? 'L' : 'M'}${this.x(this.places[row])} ${axis.y(value)}`;
      goesOn = value !== null;
    });
    svg(canvas, 'path', {d: path, fill: 'none', stroke: fill, 'stroke-width': 2});
    series.values.forEach((value, row) => {
      if (value === null) return;
      const at = {cx: this.x(this.places[row]), cy: axis.y(value), r: 3.5};
      this.enliven(svg(canvas, 'circle', {...at, fill}), series, row);
    });
  }
}

const CHARTS = {Table, ColumnChart, LineChart};

class ChartWrapper {
  constructor({container}) {
    this.container = container;
    this.chart = null;
  }
  setChartType(type) { this.type = type; }
  getChart() { return this.chart; }
  setDataTable(data) { this.data = data; }
  getDataTable() { return this.data; }
  setOptions(options) { this.options = options; }
  draw() {
    if (!this.data || !this.type) return;
    if (!CHARTS[this.type]) throw new Error(`charts of the type ${this.type} cannot be drawn offline`);
    if (!(this.chart instanceof CHARTS[this.type])) {
      this.chart = new CHARTS[this.type](this.container);
      ['ready', 'select'].forEach(name =>
        events.addListener(this.chart, name, event => events.trigger(this, name, event)));
    }
    this.chart.draw(this.data, this.options);
  }
}

window.google = {
  charts: {load: () => Promise.resolve()},
  visualization: {...CHARTS, ChartWrapper, DataTable, DataView, arrayToDataTable, events},
};
})();
