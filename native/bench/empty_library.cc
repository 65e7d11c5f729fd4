// What there is to load in the emptiest library: the peer of the preload library.
