package config

// checkCompose checks a compose block without values. The block may be nil.
func (c *checker) checkCompose(n *Block) {
	if n == nil {
		return
	}
	for _, a := range n.SortedAttrs() {
		a.Refs = c.analyse(a.Expression)
		c.checkAllowed(a.Expression, "the compose block", RefVar, RefLocal, RefPath, RefPlatform)
	}
}
