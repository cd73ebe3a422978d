package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// ShardItems is the member of shard with the items of a shard.
const ShardItems = "items"

// ShardMembers returns the members of shard.
func ShardMembers() []string { return []string{"index", "count", ShardItems} }

// checkShards checks the attributes for shards without their values. All shards have the same values, so these cannot
// depend on the shard. The number is known before the words of the run.
func (c *taskChecker) checkShards(t *Task) {
	known := []RefKind{RefVar, RefLocal, RefPath, RefPlatform, RefProject, RefCompose, RefSelf, RefMatrix, RefTask,
		RefResult}
	for _, name := range []string{"shards", "shard_timings"} {
		if a := t.Attrs[name]; a != nil && !t.IsOnlyInherited(a) {
			c.checkAllowed(a.Expression, name, known...)
		}
	}
	items := t.Attrs["shard_items"]
	if items != nil {
		c.checkAllowed(items.Expression, "shard_items", append(known, RefArg, RefFlag, RefArgs, RefService, RefJob)...)
	}
	if items != nil && !items.IsFromDefaults && !t.usesShardItems(c.file) && !t.hasUnknownNames && !t.isBase {
		c.report(diag.ErrorAt(items.NameRange, "shard_items without shard.items",
			"Each shard of task %q would do the same. Write shard.items into the command, as in command = [\"test\", "+
				"shard.items].", t.Name))
	}
	timings := t.Attrs["shard_timings"]
	if timings != nil && items == nil && !timings.IsFromDefaults && !t.hasUnknownNames {
		c.report(diag.ErrorAt(timings.NameRange, "shard_timings without shard_items",
			"The times are for the division of items. Write what is divided: shard_items = […]."))
	}
}

// usesShardItems reports whether an expression of a task uses the items of its shard.
func (t *Task) usesShardItems(f *File) bool {
	for a := range t.Expressions {
		for use := range f.ReachableReferences(a.Refs) {
			if use.Ref.Kind == RefShard && use.Ref.Name == ShardItems {
				return true
			}
		}
	}
	return false
}

// checkShardMember reports shard.items in a task without items.
func (c *taskChecker) checkShardMember(t *Task, use ReferenceUse) {
	if use.Ref.Name == ShardItems && t.Attrs["shard_items"] == nil && !t.hasUnknownNames {
		c.report(diag.ErrorAt(use.RangeInExpression(), "shard.items without shard_items",
			"Task %q does not say what is divided among its shards: write shard_items = […].", t.Name))
	}
}

// ShardedResultError is the error about a result of a task with shards. origin is the place of the shards, or empty.
func ShardedResultError(ref Reference, origin diag.Text) *hcl.Diagnostic {
	return diag.ErrorAt(ref.Range, fmt.Sprintf("task %q runs several times", ref.Name),
		"It has shards%s, so that there is no single %s. To run it first, name it in depends_on.", origin, ref.Attr)
}
