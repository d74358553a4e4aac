"""What hides planted changes: weather that no product knows, herds, greening, errors of products and maps."""
