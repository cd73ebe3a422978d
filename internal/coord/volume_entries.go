package coord

// VolumesEntry is for the anonymous volumes of a container at its removal. An engine that is being stopped removes the
// container and keeps the volumes, which have no label.
const VolumesEntry EntryKind = "volumes/"

// RecordVolumes records the anonymous volumes of a container before the removal of the container.
func (j *Journal) RecordVolumes(project, container string, names []string) error {
	return j.Append(Entry{Kind: VolumesEntry, ID: container, Project: project, Data: names})
}

// ClearVolumes removes the record of a container's volumes.
func (j *Journal) ClearVolumes(container string) error { return j.Remove(VolumesEntry, container) }

// VolumeEntries returns the records of volumes, with the volumes as data.
func (j *Journal) VolumeEntries() (entries []Entry) {
	for _, name := range j.containerNames(VolumesEntry) {
		if entry, ok := parseEntry(VolumesEntry, name, j.readContainerEntry(name)); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}
