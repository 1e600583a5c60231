"""Tables of a database or folder → tf.Examples."""
