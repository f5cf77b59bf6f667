"""The past of a site, from an archive's captures into its history."""
