/** Where in a document: a dictionary's key or a list's index for each level. */
export type BencodePath = ReadonlyArray<string | number>

/** `info.files[3].length`. Keys that are not words of the BEPs show as `*`: a path never repeats bytes of the input. */
export const showPath = (path: BencodePath): string => {
  let text = ''
  for (const step of path.slice(0, MAX_STEPS)) {
    if (typeof step === 'number') text += `[${String(step)}]`
    else text += (text === '' ? '' : '.') + (WORDS.has(step) ? step : '*')
  }
  return path.length > MAX_STEPS ? `${text}…` : text
}

const MAX_STEPS = 16

const WORDS: ReadonlySet<string> = new Set(
  [
    'announce,announce-list,attr,azureus_properties,collections,comment,comment.utf-8,created by,creation date',
    'encoding,file tree,files,httpseeds,info,length,md5sum,meta version,name,name.utf-8,nodes,path,path.utf-8',
    'piece layers,piece length,pieces,pieces root,private,publisher,sha1,similar,source,symlink path,url-list',
    'complete,downloaded,external ip,failure reason,flags,host,incomplete,interval,ip,min interval,peer id,peers',
    'peers6,port,retry in,tracker id,warning message,metadata_size,msg_type,piece,total_size,m,p,reqq,v,yourip',
    'ipv4,ipv6,added,added.f,added6,added6.f,dropped,dropped6,ut_metadata,ut_pex,upload_only,a,e,id,implied_port',
    'added at,block length,blocks,digest,infohash,partial,priorities,resume,trackers,uploaded,version',
    'info_hash,nodes6,q,r,ro,samples,scrape,seq,sig,t,target,token,values,want,y',
  ].flatMap((line) => line.split(',')),
)
