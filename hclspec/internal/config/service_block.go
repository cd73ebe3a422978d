package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// declareService declares a service block.
func (d *declarer) declareService(n *Block) {
	d.file.ServiceBlocks = append(d.file.ServiceBlocks, n)
}

// checkDuplicateServices allows one block for each service of a compose project. Several files may belong to a
// project.
func (c *checker) checkDuplicateServices() {
	first := map[string]*Block{}
	c.file.ServiceBlocks = slices.DeleteFunc(c.file.ServiceBlocks, func(n *Block) bool {
		key := n.Module.ComposeScope() + n.Label
		if first[key] == nil {
			first[key] = n
			return false
		}
		c.reportDuplicate(fmt.Sprintf("service %q", n.Label), n.LabelRange, first[key].LabelRange)
		return true
	})
}

// checkServiceBlock checks a service block without values.
func (c *checker) checkServiceBlock(n *Block) {
	ready := n.SingleBlocks["ready"]
	if ready == nil {
		if !n.hasUnknownNames {
			c.report(diag.WarningAt(n.HeaderRange, fmt.Sprintf("service %q says nothing", n.Label),
				"It has no `ready { }`, so that it changes nothing."))
		}
		return
	}
	for _, a := range ready.SortedAttrs() {
		a.Refs = c.analyse(a.Expression)
		c.checkAllowed(a.Expression, "a service block", RefVar, RefLocal, RefPath, RefPlatform, RefProject, RefCompose)
	}
	c.checkProbes(ready)
}

// checkProbes wants exactly one probe. With engine_only there may be none: only its value tells.
func (c *checker) checkProbes(ready *Block) {
	var probes []*Attribute
	for _, a := range ready.SortedAttrs() {
		if slices.Contains(probeAttributes(), a.Name) {
			probes = append(probes, a)
		}
	}
	interval := ready.Attrs["interval"]
	for i := 1; i < len(probes); i++ {
		c.report(diag.ErrorAt(probes[i].NameRange, fmt.Sprintf("%s and %s together", probes[0].Name, probes[i].Name),
			"A ready block has one probe. The other one is at %s; remove one of the two.", diag.Place(probes[0].NameRange)))
	}
	switch {
	case len(probes) > 0 || ready.hasUnknownNames:
	case ready.Attrs["engine_only"] == nil:
		c.report(MissingProbeError(ready.HeaderRange))
	case interval != nil:
		c.report(diag.ErrorAt(interval.NameRange, "interval without a probe",
			"It is the pause between two tries of tcp, http, log or exec. The healthcheck has an interval of its own, in the "+
				"compose file."))
	}
}

func MissingProbeError(at hcl.Range) *hcl.Diagnostic {
	return diag.ErrorAt(at, "ready without a probe",
		"Write one of tcp, http, log and exec, or engine_only = true if only the engine is to run the healthcheck.")
}
