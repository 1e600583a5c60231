// Gives TFMA's components their data, and the metric to begin with.
(() => {
'use strict';

const models = JSON.parse(document.getElementById('models').textContent);
// Components write into what they are given.
const copy = value => JSON.parse(JSON.stringify(value));

function add(place, name, properties) {
  place.textContent = '';
  return place.appendChild(Object.assign(document.createElement(name), properties));
}

// The element at the end of a path of selectors, each in the shadow root of the one before.
function inside(element, ...path) {
  return path.reduce((found, selector) => found && found.shadowRoot && found.shadowRoot.querySelector(selector), element);
}

// Components choose the first metric of the alphabet when their data arrive; chooses another one after that.
function prefer(find, arrived, choose, tries = 100) {
  const element = find();
  if (element && arrived(element)) choose(element);
  else if (tries) setTimeout(() => prefer(find, arrived, choose, tries - 1), 20);
}

function showSlices(section, model) {
  const place = section.querySelector('[data-view=slices]'), chooser = section.querySelector('select');
  const show = () => {
    const view = add(place, 'tfma-nb-slicing-metrics',
      {config: copy(model.config), data: copy(model.slices[chooser.value])});
    prefer(() => inside(view, 'tfma-slicing-metrics-browser', 'tfma-graph-data-filter', 'tfma-slice-overview'),
      overview => overview.slices && overview.chart_, overview => { overview.metricToShow = model.headlines[0]; });
  };
  chooser.addEventListener('change', show);
  show();
}

function showComparison(section, {comparison, headlines}) {
  const place = section.querySelector('[data-view=comparison]');
  if (!place || !comparison) return;
  const view = add(place, 'fairness-nb-container', {
    evalName: 'before',  // its percentages are of the change from this to the other
    evalNameCompare: 'this run',
    weightColumn: 'example_count',
    slicingMetrics: copy(comparison.baseline),
    slicingMetricsCompare: copy(comparison.candidate),
  });
  const find = selector => [...selector.shadowRoot.querySelectorAll('paper-listbox paper-item')]
    .find(item => item.textContent.trim() === headlines[0]);
  prefer(() => inside(view, 'fairness-metric-and-slice-selector'),
    selector => find(selector) && (selector.selectedMetricsListCandidates_ || []).length,
    selector => { selector.selectedMetricsListCandidates_ = [find(selector).metric]; });
}

function showSeries(section, {series, headlines}) {
  const place = section.querySelector('[data-view=series]');
  if (!place || !series.length) return;
  const view = add(place, 'tfma-nb-time-series', {config: {isModelCentric: true}, data: copy(series)});
  prefer(() => inside(view, 'tfma-time-series-browser', '#grid'),
    grid => grid.selectedMetrics_ && grid.selectedMetrics_.length, grid => { grid.selectedMetrics_ = headlines; });
}

document.querySelectorAll('section[data-model]').forEach(section => {
  const model = models[section.dataset.model];
  showSlices(section, model);
  showComparison(section, model);
  showSeries(section, model);
});
})();
