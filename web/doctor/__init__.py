"""What is wrong with an installation, in words: one small function a question, which looks and changes nothing."""
