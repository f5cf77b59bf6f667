"""Reading a policy: sections, blocks, sentences, and what the sentences commit to."""
