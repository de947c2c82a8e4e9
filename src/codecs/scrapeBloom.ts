/** 2 048 bits. */
export const SCRAPE_BLOOM_BYTES = 256
