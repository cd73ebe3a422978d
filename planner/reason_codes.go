package planner

// ReasonCode is the code of a [Reason]. Codes have no stable values: documents contain the text.
type ReasonCode int

// The codes of reasons.
const (
	// Tasks.
	ReasonRequested ReasonCode = iota
	ReasonNeededBy
	ReasonFollows
	ReasonDisabled
	ReasonUpToDate
	ReasonFreshContainer
	ReasonInServiceContainer
	ReasonSkippedIfUpToDate
	ReasonUpToDateUnknown
	ReasonNotUpToDate

	// Networks and volumes.
	ReasonNoResource
	ReasonExternal
	ReasonExternalMissing
	ReasonOtherProject
	ReasonExists
	ReasonDataKept
	ReasonKeptByPolicy
	ReasonNeverCreated

	// Containers.
	ReasonNoContainer
	ReasonContainerLost
	ReasonConfigChanged
	ReasonImageChanged
	ReasonMountedImageChanged
	ReasonNotConnected
	ReasonNotMounted
	ReasonUnchanged
	ReasonUnchangedSoFar
	ReasonTemporaryName
	ReasonTransient
	ReasonNameTaken
	ReasonSources

	// Starts, stops and hooks.
	ReasonRuns
	ReasonPaused
	ReasonHasCompleted
	ReasonStoppedForNetwork
	ReasonStoppedBecause
	ReasonStartedAgainIf
	ReasonStoppedAfterUse
	ReasonRestartedWith
	ReasonRestartedIf
	ReasonPreStartHooks
	ReasonPostStartHooks
	ReasonPreStopHooks

	// Waits and inspections.
	ReasonUntilCompleted
	ReasonUntilHealthy
	ReasonUntilReady
	ReasonUntilProbe
	ReasonUntilHealthyAndProbe
	ReasonForDependent
	ReasonAgain
	ReasonIsHealthy
	ReasonIsReady
	ReasonMustRun
	ReasonMissingService
	ReasonStoppedService
	ReasonHostPort
	ReasonHostPorts

	// Images.
	ReasonImagePresent
	ReasonImageMissing
	ReasonImageNotPulled
	ReasonImageUnobtainable
	ReasonImagePulledOrBuilt
	ReasonImagePolicy
	ReasonImageAgeUnknown
	ReasonImageOutdated
	ReasonImageRecent
	ReasonImageIsContext
	ReasonImageForeign
	ReasonImageBaseBuilt
	ReasonImageBaseMayChange
	ReasonImageMadeBy
	ReasonImageReplacedBy

	// Removals.
	ReasonPrivateRunKilled
	ReasonCreatorKilled
	ReasonRunKilled
	ReasonInterruptedRecreate
	ReasonDuplicateNetwork
	ReasonOrphanOneOff
	ReasonOrphanService
)

// reasonTexts has the text of each code. The text of an addition begins with its separator.
var reasonTexts = [...]string{
	ReasonRequested:          "requested",
	ReasonNeededBy:           "for %s",
	ReasonFollows:            "after %s, however it ends",
	ReasonDisabled:           "%s",
	ReasonUpToDate:           "up to date",
	ReasonFreshContainer:     "a fresh container for each run",
	ReasonInServiceContainer: ", in the container of service %s",
	ReasonSkippedIfUpToDate:  "; skipped if it is up to date by then",
	ReasonUpToDateUnknown:    "; whether it is up to date cannot be told: %s",
	ReasonNotUpToDate:        ", because %s",

	ReasonNoResource:      "does not exist",
	ReasonExternal:        "it is external",
	ReasonExternalMissing: "it is external and does not exist: the run will fail",
	ReasonOtherProject:    "it exists; it belongs to %s, and stays as it is",
	ReasonExists:          "it exists",
	ReasonDataKept:        "it exists; its configuration has changed, but its data is kept",
	ReasonKeptByPolicy:    ", but it stays as it is: %s",
	ReasonNeverCreated:    "does not exist, and %s never creates it: the run will fail",

	ReasonNoContainer:         "it has no container yet",
	ReasonContainerLost:       "its container is %s",
	ReasonConfigChanged:       "its configuration has changed",
	ReasonImageChanged:        "its image has changed",
	ReasonMountedImageChanged: "an image that it mounts has changed",
	ReasonNotConnected:        "it is not connected to network %s",
	ReasonNotMounted:          "volume %s is not mounted",
	ReasonUnchanged:           "its configuration and image are unchanged",
	ReasonUnchangedSoFar:      "its configuration is unchanged; recreated if the image changes",
	ReasonTemporaryName:       "; it gets the name of the container that it has replaced",
	ReasonTransient:           "; removed after the last run that uses it",
	ReasonNameTaken:           "; but the name %s is taken by a container that belongs to %s: the run will fail",
	ReasonSources:             "; %s",

	ReasonRuns:              "it runs already",
	ReasonPaused:            "it is paused",
	ReasonHasCompleted:      "it has completed successfully",
	ReasonStoppedForNetwork: "it is stopped while network %s is recreated",
	ReasonStoppedBecause:    "it was stopped because %s",
	ReasonStartedAgainIf:    "; started again if %s",
	ReasonStoppedAfterUse:   "; stopped after the last run that uses it",
	ReasonRestartedWith:     "%s, which it depends on with restart: true",
	ReasonRestartedIf:       "only if %s, which it depends on with restart: true",
	ReasonPreStartHooks:     "; its pre_start hooks run first, unless another replica runs",
	ReasonPostStartHooks:    "; its post_start hooks run after it",
	ReasonPreStopHooks:      "; its pre_stop hooks run first",

	ReasonUntilCompleted:       "until it has completed successfully",
	ReasonUntilHealthy:         "until it is healthy",
	ReasonUntilReady:           "until it is ready",
	ReasonUntilProbe:           "until %s",
	ReasonUntilHealthyAndProbe: "until it is healthy and %s",
	ReasonForDependent:         ", for %s",
	ReasonAgain:                " again",
	ReasonIsHealthy:            "it is healthy already",
	ReasonIsReady:              "it is ready already",
	ReasonMustRun:              "; it has to run already: %s",
	ReasonMissingService:       ", but it does not exist: the run will fail",
	ReasonStoppedService:       ", but it does not: the run will fail",
	ReasonHostPort:             "which host port was given for %s",
	ReasonHostPorts:            "which host ports were given",

	ReasonImagePresent:       "present",
	ReasonImageMissing:       "not present locally",
	ReasonImageNotPulled:     "not present locally, and %s",
	ReasonImageUnobtainable:  "not present locally, and pulling is disabled (%s): the run will fail",
	ReasonImagePulledOrBuilt: "not present locally; built if it cannot be pulled",
	ReasonImagePolicy:        "%s",
	ReasonImageAgeUnknown:    "%s, and the engine does not know how old it is",
	ReasonImageOutdated:      "%s, and it is from %s ago",
	ReasonImageRecent:        "present, from %s ago, and %s",
	ReasonImageIsContext:     "image %s is built with it",
	ReasonImageForeign:       "; but it belongs to %s: the run will fail",
	ReasonImageBaseBuilt:     "image %s, which it is built from, is built",
	ReasonImageBaseMayChange: "; built again if image %s changes",
	ReasonImageMadeBy:        "; unless %s makes it before",
	ReasonImageReplacedBy:    "; looked at again after %s",

	ReasonPrivateRunKilled:    "the run that its private project belonged to was killed",
	ReasonCreatorKilled:       "the run that created it was killed, and it is not in use",
	ReasonRunKilled:           "the run that it belonged to was killed",
	ReasonInterruptedRecreate: "left over from an interrupted recreate of %s",
	ReasonDuplicateNetwork:    "duplicate of another network, and not in use",
	ReasonOrphanOneOff:        "orphan (one-off that has ended); --remove-orphans",
	ReasonOrphanService:       "orphan (no such service in the compose file); --remove-orphans",
}
