"""What goes to the cloud, made from this folder: the layer and one small package for each function."""
