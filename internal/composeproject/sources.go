package composeproject

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// sources are the compose files of a project as YAML nodes, which know where they stand; compose-go's model does not.
// They are parsed only when somebody asks for a place.
type sources struct {
	dir string
	// files grows while the project is loaded, and never after.
	files []string
	// projectFileCount is how many of the files are the project's own; the others are brought in by include and extends.
	projectFileCount int
	docs             func() []document
}

// document is one YAML document, or why a file has none.
type document struct {
	file string
	root *yaml.Node
	err  error
	// lines is how many the file has.
	lines int
}

func newSources(dir string, files []string) *sources {
	s := &sources{dir: dir, files: files[:len(files):len(files)], projectFileCount: len(files)}
	s.docs = sync.OnceValue(s.parseFiles)
	return s
}

// onLoadEvent takes note of the files that include and extends bring in. compose-go calls it from one goroutine.
func (s *sources) onLoadEvent(event string, metadata map[string]any) {
	dir := s.dir
	if d, ok := metadata["workingdir"].(string); ok {
		dir = d
	}
	switch event {
	case "include":
		included, _ := metadata["path"].(types.StringList)
		for _, file := range included {
			s.addFile(dir, file)
		}
	case "extends":
		if file, ok := metadata["file"].(string); ok {
			s.addFile(dir, file)
		}
	}
}

func (s *sources) addFile(dir, file string) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	s.files = append(s.files, file)
}

func (s *sources) parseFiles() []document {
	var docs []document
	for _, file := range s.files {
		content, err := os.ReadFile(file)
		if err != nil {
			docs = append(docs, document{file: file, err: err})
			continue
		}
		docs = append(docs, parseFile(file, content)...)
	}
	return docs
}

func parseFile(file string, content []byte) []document {
	var docs []document
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			return append(docs, document{file: file, err: err, lines: bytes.Count(bytes.TrimRight(content, "\n"), []byte("\n")) + 1})
		}
		docs = append(docs, document{file: file, root: &root})
	}
}

// location is how far a path could be followed.
type location struct {
	file         string
	line, column int
	// depth counts the segments that were found; complete says that all were.
	depth      int
	isComplete bool
}

// locatePath follows a path in all documents and returns the place that is deepest, the first of them where several are.
func (s *sources) locatePath(path []string) location {
	var best location
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		if at.depth > best.depth {
			best = at
		}
	}
	return best
}

// locateEffective is find, but of several places that are as deep it returns that which counts: of the project's own files the
// last, and only then one of another file.
func (s *sources) locateEffective(path []string) location {
	var best location
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		if at.depth > best.depth || at.depth == best.depth && at.depth > 0 && slices.Contains(s.files[:s.projectFileCount], at.file) {
			best = at
		}
	}
	return best
}

// followPath goes down from node and keeps in at the place of the last segment it found.
func followPath(node *yaml.Node, path []string, at *location) {
	if len(path) == 0 {
		at.isComplete = true
		return
	}
	switch node.Kind {
	case yaml.DocumentNode:
		followPath(node.Content[0], path, at)
	case yaml.AliasNode:
		followPath(node.Alias, path, at)
	case yaml.MappingNode:
		followMapping(node, path, at)
	case yaml.SequenceNode:
		followSequence(node, path, at)
	}
}

// followMapping tries the longest key first, because a path out of a message does not tell the dots of a name from those
// between names.
func followMapping(node *yaml.Node, path []string, at *location) {
	for n := len(path); n > 0; n-- {
		key, value := mappingEntry(node, strings.Join(path[:n], "."))
		if key != nil {
			at.line, at.column, at.depth = key.Line, key.Column, at.depth+n
			followPath(value, path[n:], at)
			return
		}
	}
}

// mappingEntry finds a key of a mapping, also one that `<<` merges in.
func mappingEntry(node *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		merged := node.Content[i+1]
		if node.Content[i].Value != "<<" {
			continue
		}
		if merged.Kind == yaml.AliasNode {
			merged = merged.Alias
		}
		if merged.Kind == yaml.MappingNode {
			return mappingEntry(merged, name)
		}
	}
	return nil, nil
}

func followSequence(node *yaml.Node, path []string, at *location) {
	for i, item := range node.Content {
		if strconv.Itoa(i) == path[0] || isNamed(item, path[0]) {
			at.line, at.column, at.depth = item.Line, item.Column, at.depth+1
			followPath(item, path[1:], at)
			return
		}
	}
}

// isNamed says that an item of a list stands for a name: it is the name, a short form that starts with it ("data:/data",
// "KEY=value") or mounts at it, or a mapping that has it as its source or target.
func isNamed(item *yaml.Node, name string) bool {
	switch item.Kind {
	case yaml.ScalarNode:
		rest, ok := strings.CutPrefix(item.Value, name)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ":=")) || slices.Contains(strings.Split(item.Value, ":"), name)
	case yaml.MappingNode:
		_, source := mappingEntry(item, "source")
		_, target := mappingEntry(item, "target")
		return source != nil && source.Value == name || target != nil && target.Value == name
	default:
		return false
	}
}

// extendedService is the service that another one takes its attributes from; empty: none.
func (s *sources) extendedService(service string) string {
	for _, doc := range s.docs() {
		if doc.root == nil || len(doc.root.Content) == 0 {
			continue
		}
		node := valueAt(doc.root.Content[0], "services", service, "extends")
		if node != nil && node.Kind == yaml.MappingNode {
			_, node = mappingEntry(node, "service")
		}
		if node != nil && node.Kind == yaml.ScalarNode {
			return node.Value
		}
	}
	return ""
}

// valueAt goes down the keys of mappings; nil: there is no such value.
func valueAt(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		if _, node = mappingEntry(node, name); node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
	}
	return node
}

// locateFile finds where the files name another file, in an include, an extends or an env_file.
func (s *sources) locateFile(file string) location {
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		if node := findScalar(doc.root, filepath.Dir(doc.file), file); node != nil {
			return location{file: doc.file, line: node.Line, column: node.Column, isComplete: true}
		}
	}
	return location{}
}

func findScalar(node *yaml.Node, dir, file string) *yaml.Node {
	if node.Kind == yaml.ScalarNode && node.Value != "" && (node.Value == file || filepath.Join(dir, node.Value) == file) {
		return node
	}
	for _, child := range node.Content {
		if found := findScalar(child, dir, file); found != nil {
			return found
		}
	}
	return nil
}

// sectionKeys are the keys of a top-level section, of all files.
func (s *sources) sectionKeys(section string) []string {
	var names []string
	for _, doc := range s.docs() {
		if doc.root == nil || len(doc.root.Content) == 0 || doc.root.Content[0].Kind != yaml.MappingNode {
			continue
		}
		_, value := mappingEntry(doc.root.Content[0], section)
		if value == nil || value.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(value.Content); i += 2 {
			names = append(names, value.Content[i].Value)
		}
	}
	return names
}
