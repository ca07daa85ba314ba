"""Definition files broken at random: what the reader and the engine must hold whatever a file says."""
