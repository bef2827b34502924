"""Everything about the selected connection."""
