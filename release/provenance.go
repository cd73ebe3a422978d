package main

import (
	"encoding/json"
	"fmt"
	"runtime"
)

// statement is a statement of in-toto, version 1, with a predicate of SLSA provenance, version 1. The statement has no
// signature and no time of the build, so that two builds are equal. A signature is the work of the owner.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []artifact `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     provenance `json:"predicate"`
}

// artifact is a file or a source with its hash.
type artifact struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest"`
}

type provenance struct {
	BuildDefinition buildDefinition `json:"buildDefinition"`
	RunDetails      runDetails      `json:"runDetails"`
}

type buildDefinition struct {
	BuildType            string            `json:"buildType"`
	ExternalParameters   map[string]any    `json:"externalParameters"`
	InternalParameters   map[string]string `json:"internalParameters"`
	ResolvedDependencies []artifact        `json:"resolvedDependencies"`
}

type runDetails struct {
	Builder struct {
		ID string `json:"id"`
	} `json:"builder"`
}

// writeProvenance writes how all files before were made.
func (r *release) writeProvenance() error {
	s := statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1"}
	for _, name := range r.files {
		sum, err := r.checksum(name)
		if err != nil {
			return err
		}
		s.Subject = append(s.Subject, artifact{Name: name, Digest: map[string]string{"sha256": sum}})
	}
	var targets []string
	for _, t := range r.targets {
		targets = append(targets, t.String())
	}
	s.Predicate.BuildDefinition = buildDefinition{
		BuildType:          r.home.Repository + "/blob/main/docs/releasing.md",
		ExternalParameters: map[string]any{"version": r.version, "targets": targets},
		InternalParameters: map[string]string{"go": runtime.Version(), "flags": fmt.Sprint(buildFlags())},
		ResolvedDependencies: []artifact{{
			URI: "git+" + r.home.Repository, Digest: map[string]string{"gitCommit": r.commit},
		}},
	}
	s.Predicate.RunDetails.Builder.ID = r.home.Repository + "/tree/main/release"
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return r.write(fmt.Sprintf("tasks_%s.intoto.json", r.version), append(text, '\n'), 0o644)
}
