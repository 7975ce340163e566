"""The sample world and the replay server that serves it, to the demo, the tests and the benchmark alike."""
