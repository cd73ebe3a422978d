package config

// Source is a file of the language.
type Source struct {
	// Name is the file's name in messages, Path its absolute path.
	Name, Path string
	Bytes      []byte
	// IsTextHidden reports that an error in the file shows the place only.
	IsTextHidden bool
}
