"""What can stand in the centre in the place of the diagram: softmax opened, and a batch sample by sample."""
