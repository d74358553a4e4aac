"""What links land, climate and nature in a region? Sentences and numbers for officials, from published statistics."""

from practices.report.nature.links_table import LinkRow, LinkTerms, link_rows, link_terms, short_sentences

__all__ = ["LinkRow", "LinkTerms", "link_rows", "link_terms", "short_sentences"]
