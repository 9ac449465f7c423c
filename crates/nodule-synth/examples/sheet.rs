//! tmp
use nodule_synth::*;
fn main(){
    let g=Generator::new(GeneratorSettings::default(),Outlines::embedded()).unwrap();
    let mut all=vec![];
    for name in ["factorial","lidc"]{
        let d=generate(&g,&Distribution::named(name).unwrap(),3,200).unwrap();
        let mut rows:std::collections::BTreeMap<_,Vec<Vec<f32>>>=Default::default();
        for i in 0..200{ let r=rows.entry((d.cells[i].shape,d.cells[i].texture)).or_default(); if r.len()<10{r.push(d.images[i*4096..][..4096].to_vec());}}
        all.extend(rows.into_values());
    }
    let rows:Vec<Vec<&[f32]>>=all.iter().map(|r|r.iter().map(|v|v.as_slice()).collect()).collect();
    let s=contact_sheet(&rows,64);
    let s=image::imageops::resize(&s,s.width()*2,s.height()*2,image::imageops::FilterType::Nearest);
    s.save("/tmp/sheet.png").unwrap();
    let t=std::time::Instant::now();
    let pool=rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(||generate(&g,&Distribution::named("both").unwrap(),3,2000).unwrap());
    println!("{:?} per image",t.elapsed()/2000);
}
