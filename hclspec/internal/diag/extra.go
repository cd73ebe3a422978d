package diag

// FollowUp is the Extra of a mistake that only follows from another one, which is reported: it is not.
type FollowUp struct{}

// Cycle is the Extra of the diagnostic about a cycle.
type Cycle struct{}

// NonFatal is the Extra of a mistake that takes nothing away: the name that nobody knows is left out, and all else stands.
type NonFatal struct{}
