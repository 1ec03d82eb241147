"""Small real runs of the engines that carry what no longer fits one machine."""
