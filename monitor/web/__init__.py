"""The changelog for readers: pages, feeds and data over HTTP, and the same as files for any web host."""
