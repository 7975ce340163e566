"""How the model of blocks is made. The product never runs this: it needs the extra `train` and labelled pages."""
