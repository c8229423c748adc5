ALL, DISKS = [], {}
