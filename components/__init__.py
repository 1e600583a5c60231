"""Custom TFX components, each a thin shell of artifact I/O round a pure core."""
