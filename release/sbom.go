package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// writeBills writes a bill of materials for each program, in the JSON of CycloneDX. The modules come from the program
// itself.
func (r *release) writeBills() error {
	for _, t := range r.targets {
		bill, err := r.bill(t)
		if err != nil {
			return err
		}
		if err := r.write(fmt.Sprintf("tasks_%s_%s_%s.cdx.json", r.version, t.os, t.arch), bill, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// bill has no serial number: a number by chance would differ between two builds.
func (r *release) bill(t target) ([]byte, error) {
	build, err := buildinfo.ReadFile(r.programPath(t))
	if err != nil {
		return nil, err
	}
	program := module(build.Main.Path, "v"+r.version)
	program.Type = cyclonedx.ComponentTypeApplication
	program.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: licenseName}}}
	components := []cyclonedx.Component{module("std", build.GoVersion)}
	for _, d := range build.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		components = append(components, module(d.Path, d.Version))
	}
	var all []string
	dependencies := []cyclonedx.Dependency{{Ref: program.BOMRef, Dependencies: &all}}
	for _, c := range components {
		all = append(all, c.BOMRef)
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Timestamp: r.time.Format(time.RFC3339), Component: &program}
	bom.Components, bom.Dependencies = &components, &dependencies
	var b bytes.Buffer
	encoder := cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	err = encoder.EncodeVersion(bom, cyclonedx.SpecVersion1_6)
	return b.Bytes(), err
}

// module is a Go module as a component.
func module(path, version string) cyclonedx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cyclonedx.Component{
		BOMRef: url, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url,
	}
}
