package starter

func addMakefile(d *document, s *source) error     { return nil }
func addJustfile(d *document, s *source) error     { return nil }
func addTaskfile(d *document, s *source) error     { return nil }
func addBatect(d *document, s *source) error       { return nil }
