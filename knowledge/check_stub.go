package knowledge

func (f *File) check() Problems { return nil }

func Schema() []byte { return nil }
func (ps Problems) Sort() {}
