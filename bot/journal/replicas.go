package journal

import (
	"context"
	"time"
)

const (
	// ReplicaLife is how long a replica is listed after it was last seen, by the database's clock.
	ReplicaLife = 20 * time.Second
	// replicaKept is how long the row of a replica is kept that did not say that it ends.
	replicaKept = time.Hour
)

// Replica is a process that uses the store.
type Replica struct {
	Name    string    `json:"name"`
	Version string    `json:"version"` // of the program
	File    string    `json:"file"`    // version of the knowledge file in use
	Seen    time.Time `json:"seen"`    // by the database's clock
}

// Saw records that a replica runs.
func (d *database) Saw(ctx context.Context, r Replica) error {
	_, err := d.change(ctx, "seen", r.Name, r.Version, r.File)
	return err
}

// Left forgets a replica that ends now, and those of which nothing was seen for an hour.
func (d *database) Left(ctx context.Context, name string) error {
	_, err := d.change(ctx, "drop_replicas", name, replicaKept.Milliseconds())
	return err
}

// Replicas lists the replicas that were seen within the last [ReplicaLife], by name.
func (d *database) Replicas(ctx context.Context) ([]Replica, error) {
	rows, err := d.query(ctx, "replicas", ReplicaLife.Milliseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Replica
	for rows.Next() {
		var r Replica
		var seen int64
		if err := rows.Scan(&r.Name, &r.Version, &r.File, &seen); err != nil {
			return nil, err
		}
		r.Seen = time.UnixMilli(seen)
		list = append(list, r)
	}
	return list, rows.Err()
}
