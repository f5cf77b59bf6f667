"""Where a site keeps its policies: found by links, usual addresses and sitemaps, told by their text."""
