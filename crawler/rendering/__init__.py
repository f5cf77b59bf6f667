"""Pages that scripts build, run in Chromium under the guard and the limits of every other page."""
