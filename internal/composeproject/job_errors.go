package composeproject

import (
	"fmt"
	"slices"
)

// parseDependencyOnJob: only jobs may depend on jobs.
func parseDependencyOnJob(m []string) parsedMessage {
	return parsedMessage{
		message: fmt.Sprintf("service %q depends on job %q, but only a job can depend on a job", m[1], m[2]),
		paths:   [][]string{{"services", m[1], "depends_on", m[2]}, {"services", m[1]}},
	}
}

func (s *sources) parseUndefinedJobDependency(m []string) parsedMessage {
	return parsedMessage{
		message: fmt.Sprintf("job %q depends on %q, but no active service or job has this name", m[1], m[2]),
		paths:   [][]string{{"jobs", m[1], "depends_on", m[2]}, {"jobs", m[1]}},
		name:    m[2], candidates: slices.Concat(s.sectionKeys("services"), s.sectionKeys("jobs")),
	}
}

func parseAmbiguousName(m []string) parsedMessage {
	return parsedMessage{
		message: fmt.Sprintf("a service and a job have the name %q: rename one of the two", m[1]),
		paths:   [][]string{{"jobs", m[1]}},
	}
}
