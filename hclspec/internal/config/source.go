package config

// Source is a file of the language.
type Source struct {
	// Name is the file's name in messages, Path its absolute path.
	Name, Path string
	Bytes      []byte
}
