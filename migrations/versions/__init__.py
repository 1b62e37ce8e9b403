"""One revision a file, named by its number: `0001_…`, `0002_…`. Once released, a revision is never edited."""
