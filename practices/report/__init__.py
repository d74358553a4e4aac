"""What is said of it, in which words and colours? All that page, brief, terminal and workbook share."""
