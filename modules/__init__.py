"""Module files (what TFX's Transform and Trainer call) and the parts they are made of."""

import os

# TensorFlow Recommenders and TensorFlow Transform need Keras 2. The switch is read when TensorFlow is first
# imported, so it is set here, ahead of every module of the project, in whichever process (runner, Beam worker).
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
