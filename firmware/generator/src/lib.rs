//! Motion in, drawing out: the generator trait and the rig.
