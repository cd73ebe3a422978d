package config

// Source is one file of the language.
type Source struct {
	// Name is how messages call the file; Path is its absolute path.
	Name, Path string
	Bytes      []byte
}
