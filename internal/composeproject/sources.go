package composeproject

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"tasks/internal/composefile"
)

// sources holds the compose files of a project as YAML nodes with their places, absent from compose-go's model. The
// files are parsed on the first request for a place.
type sources struct {
	dir string
	// files grows only during the load of the project.
	files []string
	// projectFileCount is the number of the project's own files. Files of include and extends follow after these.
	projectFileCount int
	// stdin is the compose file from the standard input, or nil.
	stdin *stdinFile
	docs  func() []document
}

// document is a YAML document of a file.
type document struct {
	file string
	root *yaml.Node
}

func newSources(dir string, files []string) *sources {
	s := &sources{dir: dir, files: files[:len(files):len(files)], projectFileCount: len(files)}
	s.docs = sync.OnceValue(s.parseFiles)
	return s
}

// onLoadEvent records the files of include and extends. compose-go calls onLoadEvent from a single goroutine.
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
		for _, root := range s.parseFile(file).Documents {
			docs = append(docs, document{file: file, root: root})
		}
	}
	return docs
}

// parseFile reads and parses a file. An unreadable file is empty.
func (s *sources) parseFile(file string) *composefile.File {
	content, _ := s.read(file) // the loader reports the error
	return composefile.Parse(file, content)
}

// read returns the content of a compose file.
func (s *sources) read(file string) ([]byte, error) {
	if s.stdin != nil && s.stdin.path == file {
		return s.stdin.content, nil
	}
	return os.ReadFile(file)
}

// locatePath follows a path in all documents and returns the deepest place. Among equal depths, the first wins.
func (s *sources) locatePath(path []string) location {
	var best location
	for _, doc := range s.docs() {
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		if at.depth > best.depth {
			best = at
		}
	}
	return best
}

// locateEffective differs from locatePath among places of equal depth: the last of the project's own files wins, then
// other files.
func (s *sources) locateEffective(path []string) location {
	var best location
	for _, doc := range s.docs() {
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		isOwn := slices.Contains(s.files[:s.projectFileCount], at.file)
		if at.depth > best.depth || at.depth == best.depth && at.depth > 0 && isOwn {
			best = at
		}
	}
	return best
}

// followPath descends from node and records the place of the last found segment.
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

// followMapping tries the longest key first: in the path of a message, a dot may belong to a name.
func followMapping(node *yaml.Node, path []string, at *location) {
	for n := len(path); n > 0; n-- {
		key, value := composefile.Entry(node, strings.Join(path[:n], "."))
		if key != nil {
			at.line, at.column, at.depth, at.value = key.Line, key.Column, at.depth+n, value
			followPath(value, path[n:], at)
			return
		}
	}
}

func followSequence(node *yaml.Node, path []string, at *location) {
	for i, item := range node.Content {
		if strconv.Itoa(i) == path[0] || isNamed(item, path[0]) {
			at.line, at.column, at.depth, at.value = item.Line, item.Column, at.depth+1, item
			followPath(item, path[1:], at)
			return
		}
	}
}

// isNamed reports whether a list item stands for a name: the name itself, a short form with the name ("data:/data",
// "KEY=value"), or a mapping. In a mapping, the source or target is the name.
func isNamed(item *yaml.Node, name string) bool {
	switch item.Kind {
	case yaml.ScalarNode:
		rest, ok := strings.CutPrefix(item.Value, name)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ":=")) ||
			slices.Contains(strings.Split(item.Value, ":"), name)
	case yaml.MappingNode:
		_, source := composefile.Entry(item, "source")
		_, target := composefile.Entry(item, "target")
		return source != nil && source.Value == name || target != nil && target.Value == name
	default:
		return false
	}
}

// extendedService returns the service that a service extends, or an empty name.
func (s *sources) extendedService(service string) string {
	for _, doc := range s.docs() {
		if len(doc.root.Content) == 0 {
			continue
		}
		node := composefile.Value(doc.root, "services", service, "extends")
		if node != nil && node.Kind == yaml.MappingNode {
			_, node = composefile.Entry(node, "service")
		}
		if node != nil && node.Kind == yaml.ScalarNode {
			return node.Value
		}
	}
	return ""
}

// locateFile finds the mention of a file in the compose files: by include, extends or env_file.
func (s *sources) locateFile(file string) location {
	for _, doc := range s.docs() {
		if node := findScalar(doc.root, filepath.Dir(doc.file), file); node != nil {
			return location{file: doc.file, line: node.Line, column: node.Column, isComplete: true}
		}
	}
	return location{}
}

func findScalar(node *yaml.Node, dir, file string) *yaml.Node {
	if node.Kind == yaml.ScalarNode && node.Value != "" &&
		(node.Value == file || filepath.Join(dir, node.Value) == file) {
		return node
	}
	for _, child := range node.Content {
		if found := findScalar(child, dir, file); found != nil {
			return found
		}
	}
	return nil
}

// sectionKeys returns the keys of a top-level section of all files.
func (s *sources) sectionKeys(section string) []string {
	var names []string
	for _, doc := range s.docs() {
		if len(doc.root.Content) == 0 || doc.root.Content[0].Kind != yaml.MappingNode {
			continue
		}
		_, value := composefile.Entry(doc.root.Content[0], section)
		if value == nil || value.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(value.Content); i += 2 {
			names = append(names, value.Content[i].Value)
		}
	}
	return names
}
