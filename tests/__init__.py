"""A package of its own: waybackpy installs one of the same name, which would hide a mere folder."""
