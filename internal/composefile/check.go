package composefile

import (
	"maps"
	"os"
	"slices"

	"go.yaml.in/yaml/v4"

	"tasks/internal/suggest"
)

// Input has the files of a project, and the facts that the files refer to.
type Input struct {
	// Files are the project's own files, in order.
	Files []*File
	// Dir is the project directory, the base of relative paths.
	Dir string
	// Environment has the values of variables.
	Environment map[string]string
	// EnvFiles names the files for values of variables in messages.
	EnvFiles string
	// Attributes returns the valid names at a path of a compose file.
	Attributes func(path []string) []string
}

// Result is the result of a search.
type Result struct {
	// Mistakes are in the order of files and places.
	Mistakes []Mistake
	// Files are the project's own files, then the files of include and extends.
	Files []*File
	// BrokenServices are the services with a mistake.
	BrokenServices map[string]bool
}

// Check searches all files of a project for mistakes: the project's own files, and the files of include and extends.
func Check(in Input) Result {
	c := &checker{in: in, explained: map[*yaml.Node]bool{}, extended: map[string]map[string]bool{}}
	for _, f := range in.Files {
		c.add(source{File: f, dir: in.Dir, environment: in.Environment})
	}
	var paths []string
	for i := 0; i < len(c.sources); i++ { // the checks append the files of include and extends
		c.checkSource(c.sources[i])
		paths = append(paths, c.sources[i].Path)
	}
	referenceChecker{c}.checkOwnBases()
	result := Result{BrokenServices: brokenServices(c.sources, c.mistakes), Mistakes: Sort(c.mistakes, paths)}
	for _, s := range c.sources {
		result.Files = append(result.Files, s.File)
	}
	return result
}

// source is a file with the facts for its content.
type source struct {
	*File
	// dir is the base of relative paths.
	dir         string
	environment map[string]string
	// isBase reports whether only extends reads the file. Other services of such a file do not count.
	isBase bool
}

// checker is one call of [Check].
type checker struct {
	in       Input
	sources  []source
	mistakes []Mistake
	// explained are the nodes with a mistake that other checks would report again.
	explained map[*yaml.Node]bool
	// extended are the services named by extends, by file.
	extended map[string]map[string]bool
	// ownBases are the references of extends without a file.
	ownBases []ownBase
}

// add adds a file once.
func (c *checker) add(s source) {
	if !slices.ContainsFunc(c.sources, func(have source) bool { return have.Path == s.Path }) {
		c.sources = append(c.sources, s)
	}
}

// addFile reads and adds a file of include or extends. The caller has checked that the file exists.
func (c *checker) addFile(path, dir string, environment map[string]string, isBase bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return // the loader reports the error
	}
	c.add(source{File: Parse(path, content), dir: dir, environment: environment, isBase: isBase})
}

func (c *checker) checkSource(s source) {
	c.checkSyntax(s.File)
	for _, root := range s.Documents {
		node := dereference(root)
		if node == nil || isTooLarge(node) {
			continue
		}
		c.checkDuplicateKeys(s.File, root)
		if c.reportOldFormat(s.File, node) {
			continue
		}
		c.checkIndentation(s.File, node)
		c.checkVariables(s, node)
		references, values := referenceChecker{c}, valueChecker{c}
		if !s.isBase {
			references.checkIncludes(s, node)
		}
		references.checkExtends(s, node)
		c.checkSchema(s, node)
		values.checkCasts(s, node, nil)
		values.checkValues(s, node)
	}
}

func (c *checker) report(m Mistake) { c.mistakes = append(c.mistakes, m) }

// reportAt reports a mistake at a node, once for each node.
func (c *checker) reportAt(f *File, node *yaml.Node, message, detail string) {
	c.reportNear(f, node, message, detail, "")
}

// reportNear is reportAt with a suggestion.
func (c *checker) reportNear(f *File, node *yaml.Node, message, detail, suggestion string) {
	c.explained[node] = true
	c.report(Mistake{
		Path: f.Path, Line: node.Line, Column: node.Column, Message: message, Detail: detail, Suggestion: suggestion,
		node: node,
	})
}

// nearest returns the candidate nearest to a wrong name, or an empty text.
func nearest(name string, candidates []string) string {
	others := slices.DeleteFunc(slices.Clone(candidates), func(candidate string) bool { return candidate == name })
	return suggest.Nearest(name, others)
}

// withEnvironment returns an environment with more values. The first value of a name wins.
func withEnvironment(environment, more map[string]string) map[string]string {
	all := maps.Clone(more)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, environment)
	return all
}
