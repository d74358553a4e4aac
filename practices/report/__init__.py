"""In which words and colours is a result shown? Wording, labels and palette of page, brief, terminal and workbook."""
