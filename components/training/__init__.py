"""TFX's Trainer, extended by the catalogue."""
