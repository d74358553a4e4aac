"""How does the client talk to the engine? Routes, encodings, exports, operations."""
