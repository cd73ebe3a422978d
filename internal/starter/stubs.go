package starter

func addTaskfile(d *document, s *source) error { return nil }
func addBatect(d *document, s *source) error   { return nil }
