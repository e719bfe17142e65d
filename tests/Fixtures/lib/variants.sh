variants_entry() { :; }
